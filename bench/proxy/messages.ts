import * as z from 'zod';

const endpoint = z.readonly(z.object({ address: z.string(), port: z.number() }));

const route = z.readonly(z.object({ from: endpoint, to: endpoint }));
/** Where to listen, and where what is accepted leads to. */
export type Route = z.infer<typeof route>;

/** What the proxy's process is told. */
export const toProxySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('listen'),
    routes: z.array(route),
    rttMs: z.number(),
  }),
  z.object({ kind: z.literal('drain') }),
]);
export type ToProxy = z.infer<typeof toProxySchema>;

/** What the proxy's process answers. */
export const fromProxySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('listening') }),
  z.object({
    kind: z.literal('drained'),
    counts: z.readonly(
      z.array(
        z.object({
          to: z.string(),
          sent: z.number(),
          received: z.number(),
          roundTrips: z.readonly(z.array(z.object({ at: z.number(), count: z.number() }))),
        }),
      ),
    ),
  }),
]);
export type FromProxy = z.infer<typeof fromProxySchema>;
