import { describe, expect, it } from 'vitest';
import { sudoersText } from './support/options.js';

describe('sudoers of a lab host', () => {
  it('grants five verbs on each unit of the fleet unless told', () => {
    expect(sudoersText({}, ['a.service']).trim().split('\n')).toEqual(
      ['start', 'stop', 'restart', 'reload', 'reset-failed'].map(
        (verb) => `deploy ALL=(root) NOPASSWD: /usr/bin/systemctl ${verb} a.service`,
      ),
    );
  });

  it('grants nothing for false, and only what is named otherwise', () => {
    expect(sudoersText(false, ['a.service'])).toBe('');
    expect(sudoersText({ units: [], extra: ['# mine'] }, ['a.service'])).toBe('# mine\n');
  });
});
