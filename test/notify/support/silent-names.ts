import { mailChannel } from '../../../src/notify/adapters/mail.js';
import { post } from '../../../src/notify/deliver/post.js';
import { noticeOfRun } from './notices.js';

/** A process that asks for a name of which no name server says anything, gives up after half a second, and ends. */
const settings = { to: 'a@b.example', from: 'c@d.example', host: 'silent.example' };
const mail = await mailChannel.open(settings, async (written) => written);
const signal = AbortSignal.timeout(500);
const letter = { kind: 'notice', notice: noticeOfRun(4, 'success', 'ended') } as const;
const context = { at: new Date(), id: 'x', language: 'en', bastion: 'b' } as const;
const ends = await Promise.all([
  post({ url: 'https://silent.example/x', headers: {}, body: '{}' }, signal),
  mail.send(letter, context, signal),
]);
process.stdout.write(JSON.stringify(ends.map(({ kind }) => kind)));
