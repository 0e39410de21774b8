import type { AnyAuthMethod } from 'ssh2';
import type { AuthenticationState } from '../connect/failure.js';
import type { Offer } from '../keys/credentials.js';

/** The order in which one host is offered keys, and its answers. */
export interface Login extends AuthenticationState {
  /** Whether anything was offered. */
  readonly begun: boolean;
  /** ssh2 asks for the next method; `takes` is null at first. */
  next(said: { takes: readonly string[] | null; partial: boolean }, answer: Answer): void;
}

type Answer = (method: AnyAuthMethod | false) => void;

interface LoginOptions {
  readonly offer: Offer;
  /** Runs before the first key is offered; resolves with whether to go on. */
  readonly prepare: () => Promise<boolean>;
  readonly log: (message: string) => void;
}

/** Offers only methods that the server still accepts. */
export function createLogin({ offer, prepare, log }: LoginOptions): Login {
  const left = [...offer.methods];
  let methodsLeft: readonly string[] | null = null;
  let exhausted = false;
  let begun = false;
  let partial = false;

  function proceed(answer: Answer): void {
    const welcome = methodsLeft === null || methodsLeft.includes('publickey');
    const method = welcome ? left.shift() : undefined;
    exhausted = method === undefined;
    begun ||= method !== undefined;
    if (method !== undefined) log(`offering ${method.type}`);
    answer(method ?? false);
  }

  return {
    get methodsLeft() {
      return methodsLeft;
    },
    get begun() {
      return begun;
    },
    get exhausted() {
      return exhausted;
    },
    get partial() {
      return partial;
    },
    next(said, answer) {
      partial ||= said.partial;
      if (said.takes !== null) {
        methodsLeft = said.takes;
        return proceed(answer);
      }
      prepare().then(
        (goOn) => goOn && proceed(answer),
        (error: unknown) => log(String(error)),
      );
    },
  };
}
