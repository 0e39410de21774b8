import type { Channel, Limits, ReadSecret, RenderContext, Verdict } from './channel.js';
import { post } from './deliver/post.js';
import { type HttpAnswer, type HttpRequest, shownUrl } from './http.js';
import type { Letter } from './notice.js';

/**
 * A service that takes letters over HTTP: two pure functions, so that what is sent and what an answer means
 * is tested without a network.
 */
export interface HttpAdapter<Settings, Target extends { readonly url: string }> {
  readonly limits: Limits;
  /** Reads the secrets of a receiver. */
  readonly resolve: (settings: Settings, read: ReadSecret) => Promise<Target>;
  readonly render: (letter: Letter, target: Target, context: RenderContext) => HttpRequest;
  readonly judge: (answer: HttpAnswer) => Verdict;
}

/** The channel of a service over HTTP. */
export function httpChannel<Settings, Target extends { readonly url: string }>(
  adapter: HttpAdapter<Settings, Target>,
): Channel<Settings> {
  return {
    limits: adapter.limits,
    async open(settings, read) {
      const target = await adapter.resolve(settings, read);
      return {
        address: target.url,
        place: shownUrl(target.url),
        async send(letter, context, signal) {
          const posted = await post(adapter.render(letter, target, context), signal);
          if (posted.kind === 'answered') {
            return adapter.judge(withoutSecrets(posted.answer, target.url));
          }
          return { kind: 'retry', afterMs: null, why: posted.why };
        },
      };
    },
  };
}

/** A service may repeat the URL that it was asked by, or a part of it, in what it says of a failure. */
function withoutSecrets(answer: HttpAnswer, url: string): HttpAnswer {
  const { pathname, searchParams } = new URL(url);
  const parts = [url, ...searchParams.values(), ...pathname.split('/')];
  const secrets = parts.filter((part) => part.length >= SHORTEST_SECRET);
  return {
    ...answer,
    body: secrets.reduce((body, each) => body.replaceAll(each, '…'), answer.body),
  };
}

const SHORTEST_SECRET = 12;
