import * as z from 'zod';
import * as shape from './shapes.js';

/** What a host has received of an archive that did not arrive whole. */
export const partialUpload = z.object({
  event: z.literal('spool'),
  sha256: shape.sha256,
  bytes: shape.bytes,
});

export type PartialUpload = Readonly<Omit<z.infer<typeof partialUpload>, 'event'>>;

/** How much of an archive need not be sent again: the most that the host has of it. */
export function receivedOf(
  archive: { readonly sha256: string; readonly bytes: number },
  partial: readonly PartialUpload[],
): number {
  const found = partial.filter(
    ({ sha256, bytes }) => sha256 === archive.sha256 && bytes <= archive.bytes,
  );
  return Math.max(0, ...found.map(({ bytes }) => bytes));
}
