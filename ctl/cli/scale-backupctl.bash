# bash completion for scale-backupctl and scale-backup.
# Read it with:  source <(scale-backupctl completion bash)

_scale_backupctl() {
    local program=$1 answer
    COMPREPLY=()
    type -P -- "$program" >/dev/null || program=scale-backupctl
    mapfile -t answer < <("$program" __complete bash "$COMP_WORDBREAKS" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
    case ${answer[0]-} in
        files) compopt -o default ;;
        words)
            compopt -o nosort 2>/dev/null # bash 4.4
            COMPREPLY=("${answer[@]:1}")
            ;;
    esac
}

complete -F _scale_backupctl scale-backupctl scale-backup
