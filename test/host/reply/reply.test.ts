import { describe, expect, test } from 'vitest';
import { readLine } from '../../../src/host/reply/reply.js';

describe('lines of a step', () => {
  test('banners are noise, journal lines are text, replies and events are read', () => {
    expect(readLine('Welcome to web1!')).toEqual({ kind: 'noise' });
    expect(readLine('{"other":1}')).toEqual({ kind: 'noise' });
    expect(readLine('|journal|{"verb":"claim"}')).toEqual({
      kind: 'journal',
      line: '{"verb":"claim"}',
      isStatus: false,
    });
    expect(readLine('|status|up since')).toMatchObject({ line: 'up since', isStatus: true });
    expect(readLine('{"verb":"claim","ok":true,"phase":"claimed"}')).toMatchObject({
      kind: 'reply',
      reply: { verb: 'claim', phase: 'claimed' },
    });
    expect(readLine('{"event":"linked","release":"v1"}')).toMatchObject({ kind: 'event' });
  });

  test.each([
    '{"verb":"claim","ok":true',
    '{"verb":"format-disk","ok":true,"phase":"idle"}',
    '{"verb":"claim","ok":true,"phase":"elsewhere"}',
    '{"verb":"claim","ok":false,"phase":"idle","code":"no_such_code","message":"x"}',
    '{"event":"unit","unit":"x"}',
    '{"event":"state","phase":"idle","epoch":-1}',
  ])('%s is malformed', (line) => {
    expect(readLine(line)).toMatchObject({ kind: 'malformed', why: expect.any(String) });
  });

  test('a host cannot name a release that would be a path', () => {
    const line = JSON.stringify({
      event: 'state',
      phase: 'idle',
      epoch: 1,
      run: null,
      owner: null,
      txn: null,
      from: null,
      to: null,
      current: { kind: 'link', release: '../../etc' },
      bootId: '',
    });
    expect(readLine(line).kind).toBe('malformed');
  });
});
