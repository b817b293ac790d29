import { expect, it } from 'vitest';

import { isNewEnough } from './pinned-node.ts';

it.each([
  ['18.20.4', false],
  ['20.20.2', false],
  ['22.18.0', false],
  ['22.19.0', true],
  ['24.21.0', true],
  ['26.10.0', true],
])('knows whether Node %s will do: %s', (version, expected) => expect(isNewEnough(version)).toBe(expected));
