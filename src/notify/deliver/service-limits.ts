import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { withFileLock } from '../../files/file-lock.js';
import { ensureOwnFolder, readOwn } from '../../files/own-files.js';
import { replaceFile } from '../../files/replace-file.js';
import type { Limits } from '../channel.js';

const countSchema = () =>
  z.object({
    /** When letters were sent in the last minute; milliseconds. */
    sent: z.array(z.number()),
    /** Until when the service takes nothing; 0 if it does. */
    mutedUntil: z.number(),
  });

type Count = z.infer<ReturnType<typeof countSchema>>;

const MINUTE_MS = 60_000;
const SECOND_MS = 1000;

/**
 * What was sent to one address in the last minute, by every process of this bastion: services count per
 * robot and mute who sends more. The address is a secret, so the file is named by its digest.
 */
export class ServiceLimits {
  readonly #folder: string;
  readonly #file: string;
  readonly #limits: Limits;

  constructor(folder: string, address: string, limits: Limits) {
    const digest = createHash('sha256').update(address).digest('hex').slice(0, 16);
    this.#folder = folder;
    this.#file = join(folder, `${digest}.json`);
    this.#limits = limits;
  }

  /** Counts one letter and returns 0; or returns how long to wait, and counts nothing. */
  take(now: Date): Promise<number> {
    return this.#change(now, (count) => {
      const at = now.getTime();
      const [oldest] = count.sent;
      const { perMinute, perSecond = perMinute } = this.#limits;
      const isFull = count.sent.length >= perMinute;
      const ofASecond = count.sent.filter((each) => each > at - SECOND_MS);
      const first = ofASecond.length >= perSecond ? ofASecond[0] : undefined;
      const waitMs = Math.max(
        count.mutedUntil - at,
        isFull && oldest !== undefined ? oldest + MINUTE_MS - at : 0,
        first === undefined ? 0 : first + SECOND_MS - at,
      );
      if (waitMs > 0) return { count, result: waitMs };
      return { count: { ...count, sent: [...count.sent, at] }, result: 0 };
    });
  }

  /** The service has said that it takes nothing more; returns for how long. */
  mute(now: Date): Promise<number> {
    const { muteMs } = this.#limits;
    return this.#change(now, (count) => ({
      count: { ...count, mutedUntil: now.getTime() + muteMs },
      result: muteMs,
    }));
  }

  #change(
    now: Date,
    change: (count: Count) => { readonly count: Count; readonly result: number },
  ): Promise<number> {
    ensureOwnFolder(this.#folder);
    return withFileLock(`${this.#file}.lock`, () => {
      const { count, result } = change(this.#read(now));
      replaceFile(this.#file, JSON.stringify(count));
      return Promise.resolve(result);
    });
  }

  /** What a clock that was set back makes of it is dropped, not waited for. */
  #read(now: Date): Count {
    const at = now.getTime();
    const found = parsed(readOwn(this.#file));
    return {
      sent: found.sent.filter((each) => each <= at && each > at - MINUTE_MS),
      mutedUntil: found.mutedUntil <= at + this.#limits.muteMs ? found.mutedUntil : 0,
    };
  }
}

function parsed(text: string): Count {
  try {
    return countSchema().parse(JSON.parse(text));
  } catch {
    return { sent: [], mutedUntil: 0 };
  }
}
