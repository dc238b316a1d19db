# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
# Completion of pvsboot's command lines in bash. Made from the program's own tables:
# build cli/mkcompletion and run it.
_pvsboot()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local command= choices= files= skip= word i
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ -n $skip ]]; then
			skip=
			continue
		fi
		case $word in
		--db|--state|--cache|--journal|--from|--subnet-id|--arch|--farm|--file|--name|--note) skip=1 ;;
		-*) ;;
		*) command+=" $word" ;;
		esac
	done
	case $prev in
	--db|--state|--cache|--journal)
		COMPREPLY=($(compgen -d -- "$cur"))
		return
		;;
	--db|--state|--cache|--journal|--from|--subnet-id|--arch|--farm|--file|--name|--note)
		return
		;;
	esac
	case $command in
	'')
		choices=" check apply export explain device bootstrap drain undrain status doctor --db --state --cache --journal --verbose --version --help"
		;;
	" device")
		choices=" add get del list"
		;;
	" bootstrap")
		choices=" add list remove"
		;;
	" check"*)
		choices=" --db --state --cache --journal --verbose --version --help --json"
		files=1
		;;
	" apply"*)
		choices=" --db --state --cache --journal --verbose --version --help --json --dry-run --drop-devices"
		files=1
		;;
	" export"*)
		choices=" --db --state --cache --journal --verbose --version --help --json"
		;;
	" explain"*)
		choices=" --db --state --cache --journal --verbose --version --help --json --from --subnet-id --arch"
		;;
	" device add"*)
		choices=" --db --state --cache --journal --verbose --version --help --farm --file --name --note"
		;;
	" device get"*)
		choices=" --db --state --cache --journal --verbose --version --help --json"
		;;
	" device del"*)
		choices=" --db --state --cache --journal --verbose --version --help"
		;;
	" device list"*)
		choices=" --db --state --cache --journal --verbose --version --help --json"
		;;
	" bootstrap add"*)
		choices=" --db --state --cache --journal --verbose --version --help --name"
		files=1
		;;
	" bootstrap list"*)
		choices=" --db --state --cache --journal --verbose --version --help --json"
		;;
	" bootstrap remove"*)
		choices=" --db --state --cache --journal --verbose --version --help"
		;;
	" drain"*)
		choices=" --db --state --cache --journal --verbose --version --help --note --force"
		;;
	" undrain"*)
		choices=" --db --state --cache --journal --verbose --version --help"
		;;
	" status"*)
		choices=" --db --state --cache --journal --verbose --version --help --json --watch"
		;;
	" doctor"*)
		choices=" --db --state --cache --journal --verbose --version --help --json"
		;;
	esac
	if [[ $cur != -* && -n $files ]]; then
		COMPREPLY=($(compgen -f -- "$cur"))
		return
	fi
	COMPREPLY=($(compgen -W "$choices" -- "$cur"))
}
complete -o filenames -F _pvsboot pvsboot
