import type { Mutation } from '../mutation.js';

const DRIFT_FILE = 'src/host/program/release/49-drift.sh';
const MANIFEST_FILE = 'src/host/program/release/47-manifest.sh';
const LIST_FILE = 'src/host/program/release/47-list-tree.sh';
const DRIFT = 'test/host/drift.test.ts';
const LIST = 'test/host/list-tree.test.ts';
const RELEASES = 'test/host/releases.test.ts';
const GLANCE = 'test/host/glance.test.ts';
const INTEGRITY = 'test/cli/integrity.test.ts';

/** The manifest of a release, and what is compared with it. */
export const HOST_DRIFT_MUTATIONS: readonly Mutation[] = [
  {
    name: 'digest of the manifest',
    protects: 'I1: a release is compared with the manifest that fleet has made, and with no other',
    file: MANIFEST_FILE,
    find: ' = "$A_manifest_sha256" ] ||',
    without: ' ] || true ||',
    noticedBy: [`${RELEASES} > a short or altered manifest is refused`],
  },
  {
    name: 'a head that reads ahead',
    protects: 'the archive behind the manifest is whole on busybox and toybox',
    file: MANIFEST_FILE,
    find: 'head -c 1 >/dev/null; head -c 1; })" = b ]',
    without: 'head -c 1 >/dev/null; echo b; })" = b ]',
    noticedBy: [`${RELEASES} > the archive is whole behind the manifest`],
  },
  {
    name: 'verification before a release is visible',
    protects: 'I1: a visible release is what its manifest says',
    file: DRIFT_FILE,
    find: '  [ -n "$drift_found" ] || return 0\n',
    without: '  return 0\n',
    noticedBy: [`${DRIFT} > a file with other content is refused by its name`],
  },
  {
    name: 'shared paths explain nothing else',
    protects: 'what an archive has beside its manifest is not taken for a shared path',
    file: DRIFT_FILE,
    find: '    case $LINE_PATH/ in "$ESCAPED"/*) return 0 ;; esac\n',
    without: '    return 0\n',
    noticedBy: [`${DRIFT} > a file too many is refused`],
  },
  {
    name: 'a drifted release is not armed',
    protects: 'a rollback does not go to files that someone changed',
    file: DRIFT_FILE,
    find: '  [ -z "$LOST" ] || {\n    name_drift "$LOST"',
    without: '  true || {\n    name_drift "$LOST"',
    noticedBy: [`${DRIFT} > is not armed with a file that has changed`],
  },
  {
    name: 'the fingerprint has ctimes',
    protects: 'a change that keeps size and mtime is seen by the cheap check',
    file: DRIFT_FILE,
    find: 'ls -lniARc --full-time',
    without: 'ls -lniAR --full-time',
    noticedBy: [`${DRIFT} > is seen as changed also where size and mtime are as before`],
  },
  {
    name: 'all contents on request',
    protects: 'what the cheap check cannot see is found with --verify',
    file: DRIFT_FILE,
    find: '[ "$2" = content ] || ! is_seen "$1" || return 0',
    without: '! is_seen "$1" || return 0',
    noticedBy: [`${DRIFT} > is not armed with contents that changed under the same fingerprint`],
  },
  {
    name: 'a glance says only what it has seen',
    protects: 'a plan does not take a release for intact whose contents no one has read',
    file: 'src/host/program/release/49-glance.sh',
    find: '[ "$DRIFT_BY" = content ] || emit_judged',
    without: 'emit_judged',
    noticedBy: [`${GLANCE} > nothing is said of a release that only its contents can tell of`],
  },
  {
    name: 'a glance at a release that was not found bad',
    protects: 'a rollback needs no further call where the newest release before was bad',
    file: 'src/host/program/release/49-glance.sh',
    find: '[ "$M_standing" != healthy ] || return 0',
    without: 'return 0',
    noticedBy: [`${GLANCE} > a release that was found bad is passed over`],
  },
  {
    name: 'links to shared/ are expected',
    protects: 'a shared link that someone replaced is drift',
    file: DRIFT_FILE,
    find: '    sort "$F/manifests/$1" "$F/manifests/$1+own" | uniq -u\n',
    without: '    cat -- "$F/manifests/$1"\n',
    noticedBy: [`${DRIFT} > a release that was just staged is intact`],
  },
  {
    name: 'manifest of a pruned release',
    protects: 'nothing of a deleted release stays',
    file: 'src/host/program/release/80-prune.sh',
    find: '  remove_manifest "$1"\n',
    without: '',
    noticedBy: [`${DRIFT} > loses its manifest when it is pruned`],
  },
  {
    name: 'names in batches have no newline',
    protects: 'a name cannot forge a line of a manifest',
    file: LIST_FILE,
    find: '      - | *[\\\\"$NL$CR"]*) list_odd ;;\n',
    without: '      -) list_odd ;;\n',
    noticedBy: [`${LIST} > dash lists any tree as the manifest of it`],
  },
  {
    name: 'the plan of a rollback to a drifted release',
    protects: 'people hear of drift before anything is changed',
    file: 'src/engine/preflight/drifted.ts',
    find: '  if (complaints.length > 0) throw refusal(complaints, plan.hosts.length);\n',
    without: '',
    noticedBy: [
      `${INTEGRITY} > a rollback to a release with a changed file is refused in its plan`,
    ],
  },
  {
    name: 'a newline in the digest',
    protects: 'two trees with different names have different digests',
    file: 'src/artifact/tree/manifest.ts',
    find: "  return line.includes('\\n')\n",
    without: '  return false\n',
    noticedBy: [
      'test/artifact/manifest-text.test.ts > names with a newline cannot give another tree',
    ],
  },
];
