import type { Mutation } from '../mutation.js';

const DELIVERY = 'test/notify/delivery.test.ts';
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
    name: 'notify: a redirect is followed',
    protects: 'a notice goes to the place that fleet.yaml names',
    file: 'src/notify/deliver/post.ts',
    find: "redirect: 'manual',",
    without: "redirect: 'follow',",
    noticedBy: [`${DELIVERY} > redirects is not followed`],
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
