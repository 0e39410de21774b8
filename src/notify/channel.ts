import type { Language } from '../model/runs/notices.js';
import type { Letter } from './notice.js';

/** What became of one try to send a letter. */
export type Verdict =
  /** `note`: what a person should know all the same. */
  | { readonly kind: 'sent'; readonly note?: string }
  /** Worth another try, at once or so many milliseconds later. */
  | {
      readonly kind: 'retry';
      readonly afterMs: number | null;
      readonly why: string;
      /** The service takes nothing more from this receiver for its mute time. */
      readonly isMuted?: true;
    }
  /** It will not be taken, however often it is sent. */
  | { readonly kind: 'refused'; readonly why: string };

/** What the service says it takes; see {@link Letter} for what is made of what has to wait. */
export interface Limits {
  /** Letters a minute for one receiver. */
  readonly perMinute: number;
  /** Letters a second, where the service counts those too. */
  readonly perSecond?: number;
  /** Of a request, or of a text, as the service counts. */
  readonly bytes: number;
  /** How long it takes nothing, once it was sent too much; 0 if it does no such thing. */
  readonly muteMs: number;
  /** Whether notices that had to wait for a limit become one letter: for people, not for programs. */
  readonly merges: boolean;
}

/** What a letter is sent with, beside the receiver. */
export interface RenderContext {
  /** The time of this try. */
  readonly at: Date;
  /** The same at each try of the same letter. */
  readonly id: string;
  readonly language: Language;
  /** The machine that sends. */
  readonly bastion: string;
}

/** Reads `env:NAME` and `file:PATH`, and returns any other text as it is. Throws `secret_unavailable`. */
export type ReadSecret = (written: string) => Promise<string>;

/** A receiver whose secrets were read. */
export interface OpenReceiver {
  /** Where it is, secrets included: limits are counted for this. Never shown, never kept. */
  readonly address: string;
  /** The same for people: what tells it apart from others, and no secret. */
  readonly place: string;
  /** One try. Never rejects for what the other side does. */
  send(letter: Letter, context: RenderContext, signal: AbortSignal): Promise<Verdict>;
}

/** A way to send letters, of which the deliverer knows no more than this. */
export interface Channel<Settings> {
  readonly limits: Limits;
  /** Throws `secret_unavailable` if a secret is not there, `usage` with what is wrong with what is there. */
  open(settings: Settings, read: ReadSecret): Promise<OpenReceiver>;
}
