import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A program that the server runs as one step. */
export interface RedisScript {
  readonly text: string;
  readonly sha: string;
}

const script = (text: string): RedisScript => ({
  text,
  sha: createHash('sha1').update(text).digest('hex'),
});

/**
 * Carries out commands if nothing has changed since they were made: ARGV is how many guards, each a key, a field and its
 * value ('' for none); then each command behind the number of its words. Answers 1, or 0 if a guard does not hold.
 */
export const COMMIT = script(`
local at = 2
for _ = 1, tonumber(ARGV[1]) do
  if (redis.call('HGET', ARGV[at], ARGV[at + 1]) or '') ~= ARGV[at + 2] then return 0 end
  at = at + 3
end
while at <= #ARGV do
  local words = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + words))
  at = at + 1 + words
end
return 1
`);

/** Runs of an index below a bound, newest first: for each its id and its summary. ARGV: bound, lower bound, count, prefix. */
export const PAGE = script(`
local runs = redis.call('ZREVRANGEBYLEX', KEYS[1], ARGV[1], ARGV[2], 'LIMIT', 0, tonumber(ARGV[3]))
local found = {}
for _, run in ipairs(runs) do
  found[#found + 1] = run
  found[#found + 1] = redis.call('HGET', ARGV[4] .. run, 'summary') or ''
end
return found
`);

/** Carries a script out; the server keeps it by its digest. */
export async function runScript(
  client: Redis,
  { text, sha }: RedisScript,
  { keys, args }: { readonly keys: readonly string[]; readonly args: readonly (string | number)[] },
): Promise<unknown> {
  try {
    return await client.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return client.eval(text, keys.length, ...keys, ...args);
  }
}
