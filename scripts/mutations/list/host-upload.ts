import type { Mutation } from '../mutation.js';

const SPOOL = 'src/host/program/release/41-spool.sh';
const PULL = 'src/host/program/release/43-pull.sh';
const FILES = 'src/host/program/frame/25-files.sh';

const RESUMED = 'test/host/resumed.test.ts';
const PULLED = 'test/host/pulled.test.ts';
const FULL = 'test/host/full-disk.test.ts';
const UPLOAD = 'test/engine/run/upload.test.ts';
const PREFLIGHT = 'test/engine/preflight/preflight.test.ts';

/** Uploads that go on, archives that hosts fetch, and disks that are full. */
export const HOST_UPLOAD_MUTATIONS: readonly Mutation[] = [
  {
    name: 'a spool that a twin holds',
    protects: 'what a lost call still receives does not spoil the call that goes on',
    file: SPOOL,
    find: 'flock -n 7 7<&7 2>/dev/null',
    without: 'true',
    noticedBy: [`${RESUMED} > begins with a copy of what the twin has`],
  },
  {
    name: 'the bytes that an upload goes on after',
    protects: 'the rest of an archive is never added to less than its beginning',
    file: SPOOL,
    find: '    if [ "$FILE_BYTES" = "$A_offset" ] && mv',
    without: '    if mv',
    noticedBy: [`${RESUMED} > is refused if what is there is less`],
  },
  {
    name: 'what is there of the archive of this run',
    protects: 'an upload goes on in the next run',
    file: FILES,
    find: `-none}-"*) ;;`,
    without: `-none}-"gone) ;;`,
    noticedBy: [`${RESUMED} > goes on in the next run of the same content`],
  },
  {
    name: 'a damaged beginning',
    protects: 'what cannot be right is sent whole, once',
    file: 'src/engine/run/calls/upload.ts',
    find: 'if (received > 0 && isMismatch(outcome)) {',
    without: 'if (false) {',
    noticedBy: [`${UPLOAD} > the whole is sent once`],
  },
  {
    name: 'patience of a long upload',
    protects: 'an upload that gets on is not given up',
    file: 'src/engine/run/calls/upload.ts',
    find: 'if (isPassing(outcome) && received > most) {',
    without: 'if (false) {',
    noticedBy: [`${UPLOAD} > a long upload that is dropped`],
  },
  {
    name: 'the checksum of what was fetched',
    protects: 'I1: what a web server has instead of the archive is never unpacked',
    file: PULL,
    find: ' = "$A_sha256" ]; then\n        exec 7',
    without: ' = "$A_sha256" ] || true; then\n        exec 7',
    noticedBy: [`${PULLED} > is other content of the same size`],
  },
  {
    name: 'a URL that is more than a URL',
    protects: 'a URL cannot become a setting of curl',
    file: PULL,
    find: `    *[\\"\\\\\\'[:space:][:cntrl:]]*) give_up_pull 'the URL is malformed' ;;\n`,
    without: '',
    noticedBy: [`${PULLED} > the host refuses a URL like`],
  },
  {
    name: 'a page in place of an archive',
    protects: 'what a server answers by mistake is not the start of an archive',
    file: PULL,
    find: ' || [ -z "$FETCH_ERROR" ]',
    without: '',
    noticedBy: [`${PULLED} > what curl finds is a page in place of the archive`],
  },
  {
    name: 'redirects of a fetch',
    protects: 'an archive comes over https',
    file: PULL,
    find: ' --proto =https --proto-redir =https',
    without: '',
    noticedBy: [`${PULLED} > what curl finds is a redirect to http`],
  },
  {
    name: 'a file that tar wrote in part',
    protects: 'a full disk is called so',
    file: 'src/host/program/release/42-receive.sh',
    find: " | *'Wrote only '*",
    without: '',
    noticedBy: [`${FULL} > while a release is unpacked`],
  },
  {
    name: 'inodes for all files',
    protects: 'a disk without inodes is found before anything is written',
    file: 'src/engine/preflight/disk-space.ts',
    find: 'freeInodes >= need',
    without: 'true',
    noticedBy: [`${PREFLIGHT} > space and inodes must be enough`],
  },
];
