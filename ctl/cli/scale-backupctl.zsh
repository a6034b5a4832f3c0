#compdef scale-backupctl scale-backup
# zsh completion for scale-backupctl and scale-backup.
# Read it after compinit with:  source <(scale-backupctl completion zsh)

_scale-backupctl() {
    local program=${(Q)words[1]} line note
    local -a answer before values shown
    local -i width=0
    (( $+commands[$program] )) || [[ -x $program ]] || program=scale-backupctl
    (( CURRENT > 2 )) && before=("${(@Q)words[2,CURRENT-1]}")
    answer=("${(@f)$(command $program __complete zsh "${(@)before}" "${(Q)PREFIX}" 2>/dev/null)}")
    case $answer[1] in
        files) _files; return ;;
        words) ;;
        *) return 1 ;;
    esac
    for line in "${(@)answer[2,-1]}"; do
        values+=("${line%%$'\t'*}")
        (( ${(m)#values[-1]} > width )) && width=${(m)#values[-1]}
    done
    for line in "${(@)answer[2,-1]}"; do
        note=${line#*$'\t'}
        line=${line%%$'\t'*}
        if [[ -n $note ]]; then shown+=("${(mr:width:)line}  -- $note"); else shown+=("$line"); fi
    done
    (( $#values )) || return 1
    compadd -V scale-backup -l -d shown -a -- values
}

if [[ $funcstack[1] == _scale-backupctl ]]; then
    _scale-backupctl "$@"
elif (( $+functions[compdef] )); then
    compdef _scale-backupctl scale-backupctl scale-backup
else
    print -u2 'scale-backupctl: run compinit before its completion is read'
fi
