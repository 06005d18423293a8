/** The library's completion scripts, changed where a shell of a usual kind would complain about them. */

export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell';

/** A person may source the script twice, and another program's script of the same library may have set the same names. */
const bashConstant = /^readonly (\w+)=(\d+)$/gm;

/** The package bash-completion brings this function. A bash without it has the words in its own variables. */
const bashWords = /^( *)_get_comp_words_by_ref .*$/m;

const bashWordsAnywhere = [
  'if declare -F _get_comp_words_by_ref >/dev/null; then',
  '    _get_comp_words_by_ref -n "=:" cur prev words cword',
  'else',
  `    words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD cur=\${COMP_WORDS[COMP_CWORD]}`,
  'fi',
];

/** `compinit` brings `compdef`. A `.zshrc` may source the script before it, or never run it. */
const zshStart = '(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }';

export function completionScript(text: string, shell: Shell): string {
  switch (shell) {
    case 'bash':
      return text
        .replaceAll(bashConstant, `: "\${$1:=$2}"`)
        .replace(bashWords, (_line, indent: string) => bashWordsAnywhere.map((line) => `${indent}${line}`).join('\n'));
    case 'zsh':
      return text.replace(/^compdef /m, `${zshStart}\n$&`);
    default:
      return text;
  }
}
