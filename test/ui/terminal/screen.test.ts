import { expect, test } from 'vitest';
import { createScreen } from '../../../src/ui/terminal/screen.js';
import { FakeTerminal } from '../support/fake-terminal.js';

test('redraws in place when lines change, appear and disappear', () => {
  const terminal = new FakeTerminal(20, 8);
  terminal.write('$ fleet deploy\r\n');
  const screen = createScreen(terminal);
  for (const frame of [
    ['a', 'b', 'c'],
    ['a', 'B', 'c'],
    ['A', 'B', 'c', 'd', 'e'],
    ['x'],
    ['x', '', 'y'],
    [],
    ['1', '2', '3', '4', '5', '6', '7'],
    ['1', 'two', '3', '4', '5', '6', 'seven'],
  ]) {
    screen.draw(frame);
    const all = frame.length === 7 ? frame : ['$ fleet deploy', ...frame];
    expect(terminal.screen).toEqual(all);
  }
  expect(terminal.scrollback).toEqual(['$ fleet deploy']);
});

test('writes only the lines that changed', () => {
  const terminal = new FakeTerminal();
  const screen = createScreen(terminal);
  screen.draw(['one', 'two', 'three']);
  terminal.written = '';
  screen.draw(['one', '2', 'three']);
  expect(terminal.written).toBe('\r\x1b[2A2\x1b[K\r\n\r\x1b[1B');
  terminal.written = '';
  screen.draw(['one', '2', 'three']);
  expect(terminal.written).toBe('');
});

test('hides the cursor while it draws and shows it again', () => {
  const terminal = new FakeTerminal();
  const screen = createScreen(terminal);
  screen.draw(['one']);
  expect(terminal.cursorHidden).toBe(true);
  screen.finish();
  expect(terminal.cursorHidden).toBe(false);
  expect(terminal.screen).toEqual(['one']);
});

test('clear removes the block and leaves what was above it', () => {
  const terminal = new FakeTerminal();
  terminal.write('before\r\n');
  const screen = createScreen(terminal);
  screen.draw(['one', 'two']);
  screen.clear();
  expect(terminal.screen).toEqual(['before']);
  expect(terminal.cursorHidden).toBe(false);
  terminal.write('asked\r\n');
  screen.draw(['three']);
  expect(terminal.screen).toEqual(['before', 'asked', 'three']);
});

test('draws all lines again when the terminal was resized', () => {
  const terminal = new FakeTerminal(40, 10);
  const screen = createScreen(terminal);
  screen.draw(['one', 'two', 'three']);
  terminal.resize(30, 10);
  screen.draw(['one', 'two', 'four']);
  expect(terminal.screen).toEqual(['one', 'two', 'four']);
});
