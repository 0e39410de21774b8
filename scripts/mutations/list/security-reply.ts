import type { Mutation } from '../mutation.js';

const REPLIES = 'test/security/replies.test.ts';
const CODES = 'test/security/reply-codes.test.ts';
const FLOOD = 'test/security/flood.test.ts';
const SECRETS = 'test/security/secrets.test.ts';
const RAW = 'test/security/raw-bytes.test.ts > beside a host whose texts are hostile';

/** What a host may say, how much of it, and what of all this is shown or kept. */
export const SECURITY_REPLY_MUTATIONS: readonly Mutation[] = [
  {
    name: 'reply: a name is a name',
    protects: 'a run id that a host gives is no path on the bastion',
    file: 'src/host/protocol/shapes.ts',
    find: 'isText(what).refine(isReleaseId, ',
    without: 'isText(what).refine(() => true, ',
    noticedBy: [`${REPLIES} > is refused where state.run`],
  },
  {
    name: 'reply: numbers have a range',
    protects: 'one host cannot use up the epochs',
    file: 'src/host/protocol/shapes.ts',
    find: '.max(most, range)',
    without: '',
    noticedBy: [`${REPLIES} > is refused where state.epoch`],
  },
  {
    name: 'reply: a marker is of its own release',
    protects: 'a rollback goes to the release that was asked for',
    file: 'src/host/reply/reply.ts',
    find: '.refine(({ id, meta }) => meta.id === id, {',
    without: '.refine(() => true, {',
    noticedBy: [`${REPLIES} > is ignored for a release whose meta.id`],
  },
  {
    name: 'reply: only what was asked for',
    protects: 'remote data is checked, never believed (CVE-2016-9587)',
    file: 'src/host/reply/asked.ts',
    find: 'return notAsked(step, event) ?? repeats(step, event, atMost);',
    without: 'return repeats(step, event, atMost);',
    noticedBy: [`${REPLIES} > is refused where it was not asked`],
  },
  {
    name: 'reply: told once',
    protects: 'a second reading does not take the place of the first',
    file: 'src/host/reply/asked.ts',
    find: 'return notAsked(step, event) ?? repeats(step, event, atMost);',
    without: 'return notAsked(step, event);',
    noticedBy: [`${REPLIES} > is refused where it was not asked`],
  },
  {
    name: 'reply: codes of the host program',
    protects: 'a host does not pick the exit code',
    file: 'src/host/reply/reply.ts',
    find: "z.enum(REPLY_CODES, 'not a code of the host program')",
    without: "shape.releaseName.transform((text) => text as 'usage')",
    noticedBy: [`${CODES} > interrupted is none of them`],
  },
  {
    name: 'reply: codes of a step that reads',
    protects: 'a host does not pick the exit code',
    file: 'src/host/reply/reply-codes.ts',
    find: 'return !VERB_TRAITS[verb].reads || OF_READING.has(code);',
    without: 'return true || OF_READING.has(code) || VERB_TRAITS[verb].reads === true;',
    noticedBy: [`${CODES} > locked is none of a step that only reads`],
  },
  {
    name: 'flood: bytes of a call',
    protects: 'a host that does not stop talking takes no memory',
    file: 'src/host/channel/session.ts',
    find: 'conversation.allow(CALL_BYTES);',
    without: 'conversation.allow(Number.POSITIVE_INFINITY);',
    noticedBy: [`${FLOOD} > by ssh2 with stderr in its activation`],
  },
  {
    name: 'flood: bytes of a line',
    protects: 'a line that never ends takes no memory',
    file: 'src/transport/channel/conversation.ts',
    find: 'LINE_BYTES, () => flood(tooLong()))',
    without: 'LINE_BYTES)',
    noticedBy: ['test/security/long-line.test.ts > in a conversation closes the connection'],
  },
  {
    name: 'json: raw characters',
    protects: 'CVE-2019-6109: terminal escapes in remote output',
    file: 'src/errors/unicode-escape.ts',
    find: 'return PLAIN.test(json) ? json : escapeInJson(json, UNSEEN);',
    without: 'return PLAIN.test(json) ? escapeInJson(json, UNSEEN) : json;',
    noticedBy: [RAW],
  },
  {
    name: 'records: a plan without secrets',
    protects: 'no password, query or var is kept on disk',
    file: 'src/engine/journal/plan-record.ts',
    find: '...recordedPlan(plan) })',
    without: '...plan })',
    noticedBy: [`${SECRETS} > keeps none of them on disk, and prints none as plain`],
  },
  {
    name: 'records: events with a view of the plan',
    protects: 'no password, query or var is in a log of CI',
    file: 'src/model/runs/plan-view.ts',
    find: '=> ({ host: host.name, wave, from, to })),',
    without: '=> ({ ...host, host: host.name, wave, from, to })),',
    noticedBy: [`${SECRETS} > prints no address, user, setting or variable of its plan as ndjson`],
  },
];
