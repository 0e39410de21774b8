import type { Mutation } from '../mutation.js';

const DELIVERY = 'test/notify/delivery.test.ts';
const ROBOTS = 'test/notify/robots.test.ts';
const WEBHOOK = 'test/notify/webhook.test.ts';

/** What keeps notices in order and secrets where they are. */
export const NOTIFY_MUTATIONS: readonly Mutation[] = [
  {
    name: 'notify: two processes send at once',
    protects: 'each notice is sent by one process at a time',
    file: 'src/notify/deliver/delivery.ts',
    find: "return held?.result ?? { kind: 'busy' };",
    without: "return held?.result ?? { kind: 'empty' };",
    noticedBy: [`${DELIVERY} > that are killed before the answer leave the letter`],
  },
  {
    name: 'notify: an error inside HTTP 200 counts as sent',
    protects: 'a message that a robot refused is not taken for sent',
    file: 'src/notify/service-code.ts',
    find: "if (code === 0 && byStatus.kind === 'sent') return byStatus;",
    without: "if (byStatus.kind === 'sent') return byStatus;",
    noticedBy: [`${ROBOTS} > is judged`],
  },
  {
    name: 'notify: a host can mention people',
    protects: 'what hosts say mentions no one',
    file: 'src/notify/text/defused.ts',
    find: '.replace(/[@<]/g, `$&${ZERO_WIDTH}`)',
    without: ".replace(/[@<]/g, '$&')",
    noticedBy: [`${ROBOTS} > makes no mention, link or markup of`],
  },
  {
    name: 'notify: a host can write Markdown',
    protects: 'what hosts say is no markup in a chat',
    file: 'src/notify/text/markdown.ts',
    find: '(mark) => LOOKS_ALIKE[mark] ?? mark,',
    without: '(mark) => mark,',
    noticedBy: [`${ROBOTS} > makes no mention, link or markup of`],
  },
  {
    name: 'notify: plain http to another machine',
    protects: 'a secret URL is not sent in the clear',
    file: 'src/notify/http.ts',
    find: "if (protocol === 'https:' || (protocol === 'http:' && isHere)) return trimmed;",
    without: 'return trimmed;',
    noticedBy: [`${WEBHOOK} > refuse http://x.example/secret, without saying it`],
  },
];
