import * as z from 'zod';
import { line, port, section, text, whole } from '../../schema/words.js';

/** One of `probes:`. */
export const probe = z.union(
  [
    z.literal('unit', { error: 'unit' }),
    section({
      http: section({
        url: text(/^https?:\/\/[^\s\u0000-\u001f\u007f"'<>\\`]+$/, 'an http or https URL'),
        status: whole(100, 599).optional(),
        body: line('text that the answer must hold').optional(),
      }).optional(),
      tcp: z
        .union(
          [
            port,
            text(
              /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/,
              'host:port',
            ),
          ],
          {
            error: 'a port, or host:port',
          },
        )
        .optional(),
      command: line('a command on one line').optional(),
    }).refine((value) => Object.keys(value).length === 1, {
      error: 'one probe has one kind: http, tcp or command',
    }),
  ],
  { error: 'unit, or a map with http, tcp or command' },
);
