import { readFileSync } from 'node:fs';
import { mailChannel } from '../../../src/notify/adapters/mail.js';

/**
 * A process that sends one letter, since Node reads NODE_EXTRA_CA_CERTS when it starts:
 * `send-mail.ts FILE`, with settings, letter and context as JSON. Prints the verdict.
 */
const [file = ''] = process.argv.slice(2);
const { settings, secrets, letter, context } = JSON.parse(readFileSync(file, 'utf8'));
const opened = await mailChannel.open(settings, async (written) => secrets[written] ?? written);
const { signal } = new AbortController();
const verdict = await opened.send(letter, { ...context, at: new Date(context.at) }, signal);
process.stdout.write(JSON.stringify(verdict));
