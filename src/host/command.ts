import type { HostProgram } from './program.js';
import { STEP_EXIT, type Step } from './protocol.js';
import { quote, quoteAll, quotePath } from './quote.js';

/** What the install bootstrap exits with, besides what the steps after it exit with. */
export const INSTALL_EXIT = { notSafe: 72, notWritable: 73, notStored: 74 } as const;

// `cd` pins the folder of the program: no one can put another in its place any more, only change what
// is in it, and whether anyone may is looked at then. All of it has to be a folder or a plain file, of
// this user or of root, that no one else may write; a folder above the root, which alone is absolute
// here, may be sticky. A line of `ls` has nine words in this locale, or eight where it is toybox's. Names are not
// to be taken for patterns, so `own` is called with `set -f` where they are not fleet's.
const OWN =
  'own(){ set +f;k=$((($#-1)/$1));[ $# = $(($1*k+1)) ]&&[ $k -ge 8 ]&&[ $k -le 9 ]||return 1;shift;i=0;for w;do i=$((i+1));case $k$i in [89]1)m=$w;;[89]3)u=$w;;88|99)i=0;case $m$w in [d-]????-??-*|d????????[tT]/*);;*)return 1;;esac;[ "$u" = 0 ]||[ -O "$w" ]||return 1;;esac;done;};unset TIME_STYLE QUOTING_STYLE';
const isOwn = (count: string, paths: string): string => `own ${count} $(LC_ALL=C ls -ldn ${paths})`;

// All that 37-owners.sh looks at, each folder before what is in it. A link or a blank in a name, a file
// that is not there, a pattern without a match: then the words are not nine a path.
const LOOK = [
  `look(){ set -- . .. ../.. ../../releases ../* ./* ../releases/*;q=\${PWD%/.fleet/bin}`,
  `while [ "$q" ];do q=\${q%/*};set -- "$@" "\${q:-/}";done`,
  `set -f;${isOwn('$#', '"$@" 2>/dev/null')};}`,
].join(';');

// $0 sha256, $1 the folder; then the program's own arguments. Where there is no link on the way and all
// is owned, the program need not look again; else the program itself has to be, and looks for itself.
// It is read by this very shell, which saves an exec, and knows itself by $0.
const RUN = [
  `d=$1 p=$0;shift;${OWN};${LOOK}`,
  `cd -P -- "$d"&&{ { [ "$PWD" = "$d" ]&&look&&set -- owned "$@";}||${isOwn('3', '. .. "./$p"')};}||exit ${STEP_EXIT.missing}`,
  '. "./$p"',
].join(';');

// $1 root, $2 sha256; then the program's own arguments. `~/` is the login user's home.
// The program comes on stdin. It is there whole, or not at all: renamed after its sum was checked.
// One line in all, for csh has no words of several.
const INSTALL = [
  `unset CDPATH;r=$1 p=$2;shift 2;case $r in "~/"*)r=$HOME/\${r#"~/"};;esac;${OWN};umask 022;set -C;t=.new-$$`,
  // With modes of their own: where a default ACL says who may write, the umask does not count.
  `mkdir -p -- "$r"&&cd -- "$r"&&{ [ -d .fleet ]||mkdir -m 700 .fleet||[ -d .fleet ];}&&cd -P .fleet&&{ [ -d bin ]||mkdir -m 755 bin||[ -d bin ];}&&cd -P bin||exit ${INSTALL_EXIT.notWritable}`,
  `${isOwn('2', '. ..')}||exit ${INSTALL_EXIT.notSafe}`,
  `cat >"$t"&&u=$(sha256sum <"$t")&&[ "\${u%% *}" = "$p" ]&&chmod 644 "$t"&&sync "$t"&&mv -f -- "$t" "$p"||{ rm -f -- "$t";exit ${INSTALL_EXIT.notStored};}`,
  'set +C;[ $# -eq 0 ]||exec sh "./$p" "$@" </dev/null',
].join(';');

/** The command line that runs steps on a host which has the program; exits 69 where it has not. */
export function runCommand(program: HostProgram, root: string, steps: readonly Step[]): string {
  return presentCommand(program, root, stepWords(root, steps));
}

/**
 * The command line that runs the program for one call, known by `id`, and for those that come on
 * stdin after it; exits 69 where the program is not there.
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
  // What sh, fish and csh all understand: in csh, an exit after `||` ends nothing.
  return `test -r ${folder}/${program.sha256}&&${run};exit ${STEP_EXIT.missing}`;
}

/** Stores the program, which is to be sent on stdin, and then runs steps that have no payload. */
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
  // Without exec a login shell that is dash would stay, a process more, and take the signals.
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
