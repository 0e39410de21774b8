import type { HostProgram } from './program.js';
import { STEP_EXIT, type Step } from './protocol/protocol.js';
import { quote, quoteAll, quotePath } from './quote.js';

/** Exit codes of the install bootstrap, besides those of the steps after it. */
export const INSTALL_EXIT = { notSafe: 72, notWritable: 73, notStored: 74 } as const;

// `cd` pins the folder of the program: no one can replace it any more, only change its files, and whether
// anyone may is checked then. All must be folders or plain files of this user or of root that no one else
// may write; a folder above the root (the only absolute paths here) may be sticky. A line of `ls` has nine
// words in this locale, or eight from toybox. `own` is called with `set -f` for names that are not fleet's,
// since they could be patterns.
const OWN =
  'own(){ set +f;k=$((($#-1)/$1));[ $# = $(($1*k+1)) ]&&[ $k -ge 8 ]&&[ $k -le 9 ]||return 1;shift;i=0;for w;do i=$((i+1));case $k$i in [89]1)m=$w;;[89]3)u=$w;;88|99)i=0;case $m$w in [d-]????-??-*|d????????[tT]/*);;*)return 1;;esac;[ "$u" = 0 ]||[ -O "$w" ]||return 1;;esac;done;};unset TIME_STYLE QUOTING_STYLE';
const isOwn = (count: string, paths: string): string => `own ${count} $(LC_ALL=C ls -ldn ${paths})`;

// All that 37-owners.sh checks, each folder before its files. A link or blank in a name, a missing file or a
// pattern without a match breaks the count of nine words a path.
const LOOK = [
  `look(){ set -- . .. ../.. ../../releases ../* ./* ../releases/*;q=\${PWD%/.fleet/bin}`,
  `while [ "$q" ];do q=\${q%/*};set -- "$@" "\${q:-/}";done`,
  `set -f;${isOwn('$#', '"$@" 2>/dev/null')};}`,
].join(';');

// $0 sha256, $1 the folder; then the program's arguments. If no link is on the path and all is owned, the
// program skips its own check; else only the program file must be owned, and it checks the rest. This shell
// reads it with `.`, which saves an exec; $0 tells it its own name.
const RUN = [
  `d=$1 p=$0;shift;${OWN};${LOOK}`,
  `cd -P -- "$d"&&{ { [ "$PWD" = "$d" ]&&look&&set -- owned "$@";}||${isOwn('3', '. .. "./$p"')};}||exit ${STEP_EXIT.missing}`,
  '. "./$p"',
].join(';');

// $1 root, $2 sha256; then the program's arguments. `~/` is the login user's home. The program comes on stdin.
// It is renamed after its checksum was verified, so it is complete or absent. One line in all, since csh has
// no words of several lines.
const INSTALL = [
  `unset CDPATH;r=$1 p=$2;shift 2;case $r in "~/"*)r=$HOME/\${r#"~/"};;esac;${OWN};umask 022;set -C;t=.new-$$`,
  // With explicit modes: under a default ACL the umask does not count.
  `mkdir -p -- "$r"&&cd -- "$r"&&{ [ -d .fleet ]||mkdir -m 700 .fleet||[ -d .fleet ];}&&cd -P .fleet&&{ [ -d bin ]||mkdir -m 755 bin||[ -d bin ];}&&cd -P bin||exit ${INSTALL_EXIT.notWritable}`,
  `${isOwn('2', '. ..')}||exit ${INSTALL_EXIT.notSafe}`,
  `cat >"$t"&&u=$(sha256sum <"$t")&&[ "\${u%% *}" = "$p" ]&&chmod 644 "$t"&&sync "$t"&&mv -f -- "$t" "$p"||{ rm -f -- "$t";exit ${INSTALL_EXIT.notStored};}`,
  'set +C;[ $# -eq 0 ]||exec sh "./$p" "$@" </dev/null',
].join(';');

/** The command line that runs steps on a host with the program; exits 69 if it is not there. */
export function runCommand(program: HostProgram, root: string, steps: readonly Step[]): string {
  return presentCommand(program, root, stepWords(root, steps));
}

/**
 * The command line that runs the program for one call, known by `id`, and then for calls on stdin; exits 69 if
 * the program is not there.
 */
export function serveCommand(
  program: HostProgram,
  root: string,
  first: { readonly id: number; readonly words: readonly string[] },
): string {
  return presentCommand(program, root, ['serve', String(first.id), ...first.words]);
}

function presentCommand(program: HostProgram, root: string, words: readonly string[]): string {
  // The login shell knows its user's home.
  const folder = `${quotePath(root, '"$HOME"')}/.fleet/bin`;
  const run = `exec sh -c ${quote(RUN)} ${program.sha256} ${folder} ${quoteAll(words)}`;
  // Understood by sh, fish and csh: in csh, an exit after `||` ends nothing.
  return `test -r ${folder}/${program.sha256}&&${run};exit ${STEP_EXIT.missing}`;
}

/** Stores the program, which is sent on stdin, and then runs steps without a payload. */
export function installCommand(program: HostProgram, root: string, steps: readonly Step[]): string {
  return bootstrap(INSTALL, root, program, steps.length === 0 ? [] : stepWords(root, steps));
}

/** Runs steps by the program on stdin, which is stored nowhere. */
export function transientCommand(root: string, steps: readonly Step[]): string {
  return `exec ${quoteAll(['sh', '-s', '--', ...stepWords(root, steps)])}`;
}

function bootstrap(
  script: string,
  root: string,
  program: HostProgram,
  words: readonly string[],
): string {
  // Without exec, dash as a login shell would stay as a process and get the signals.
  return `exec ${quoteAll(['sh', '-c', script, 'fleet', root, program.sha256, ...words])}`;
}

/** The program's arguments for one call. */
export function stepWords(root: string, steps: readonly Step[]): readonly string[] {
  const verbs = steps.map((step) => [
    step.verb,
    `root=${root}`,
    ...step.args.map(([key, value]) => `${key}=${value}`),
  ]);
  return ['step', ...verbs.flatMap((words, index) => (index === 0 ? words : ['--', ...words]))];
}
