# fish completion for scale-backupctl and scale-backup.
# Read it with:  scale-backupctl completion fish | source

function __scale_backupctl_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    type -q -- $program; or set program scale-backupctl
    set -e words[1]
    set -l answer (command $program __complete fish $words (commandline -ct) 2>/dev/null)
    switch "$answer[1]"
        case files
            __fish_complete_path (commandline -ct)
        case words
            set -e answer[1]
            printf '%s\n' $answer
    end
end

for name in scale-backupctl scale-backup
    complete -c $name -e
    complete -c $name -f -k -a '(__scale_backupctl_complete)'
end
