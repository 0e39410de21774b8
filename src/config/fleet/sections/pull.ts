import * as z from 'zod';
import { choice, duration, line, section, text } from '../../schema/words.js';

/** A URL with a query may hold a secret, so it must be named by a reference: it would be in plans and records. */
const url = text(
  /^(https:\/\/[^\s\u0000-\u001f"'<>\\?#@]+|(env|file):\S+)$/,
  'an https URL without ?, # and @, or env:NAME or file:PATH',
);

const RATE = 'a rate such as 500kB/s, 100MB/s or 1GB/s';
const MORE = 'true, or { url, and put or upload }';

/** `release.pull`, hosts that fetch the release themselves. */
export const pull = z.union(
  [
    z.literal([true, false]),
    section({
      url: url.optional(),
      put: url.optional(),
      upload: line('a command').optional(),
      when: choice('always', 'auto').optional(),
      egress: text(/^[1-9]\d{0,5}(kB|MB|GB)\/s$/, RATE).optional(),
      budget: duration.optional(),
      ca_file: text(/^\/[^\u0000-\u001f\u007f]+$/, 'an absolute path on the hosts').optional(),
      on_failure: choice('push', 'fail').optional(),
    }).superRefine(({ url: from, put, upload }, context) => {
      const ways = [put, upload].filter((way) => way !== undefined).length;
      const message =
        ways === 2
          ? 'put and upload exclude each other'
          : from === undefined && ways === 1
            ? 'put and upload need a url, from which the hosts fetch what was put there'
            : null;
      if (message !== null) context.addIssue({ code: 'custom', message });
    }),
  ],
  { error: MORE },
);

export type PullYaml = z.output<typeof pull>;
