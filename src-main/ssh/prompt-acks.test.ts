import { Duplex } from 'node:stream';

import ssh2 from 'ssh2';
import { expect, it } from 'vitest';

import { acknowledgePromptly } from './prompt-acks.ts';
import type { Wire } from './wire.ts';

class QuietWire extends Duplex implements Wire {
  readonly bytesRead = 0;
  override _read(): void {}
  override _write(): void {}
}

function signedIn() {
  const sent: Buffer[] = [];
  const protocol: { _cipher: object; _kexinit?: object } = {
    _cipher: {
      allocPacket: (bytes: number) => Buffer.alloc(5 + bytes),
      encrypt: (packet: Buffer) => sent.push(packet.subarray(5)),
    },
  };
  const socket = new QuietWire();
  acknowledgePromptly(Object.assign(new ssh2.Client(), { _protocol: protocol }), socket);
  return { protocol, socket, sent, hear: () => socket.emit('data', Buffer.of(1)) };
}

it('answers what comes with a message that is ignored, and only at first', () => {
  const { sent, hear } = signedIn();
  for (let index = 0; index < 20; index += 1) hear();
  expect(sent).toHaveLength(6);
  expect(sent[0]).toEqual(Buffer.of(2, 0, 0, 0, 0));
});

it('adds nothing to an answer that is on its way', () => {
  const { socket, sent, hear } = signedIn();
  socket.write('an answer');
  hear();
  expect(sent).toEqual([]);
});

it('keeps quiet while keys are exchanged', () => {
  const { protocol, sent, hear } = signedIn();
  protocol._kexinit = {};
  hear();
  expect(sent).toEqual([]);
});

it('does nothing where another version of ssh2 keeps its things elsewhere', () => {
  const socket = new QuietWire();
  acknowledgePromptly(new ssh2.Client(), socket);
  expect(() => socket.emit('data', Buffer.of(1))).not.toThrow();
});
