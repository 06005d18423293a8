/**
 * SSH's own way to say why a connection ends, before any key is exchanged. ssh shows it always, while it hides what a proxy writes
 * to standard error as soon as it shares connections. https://www.rfc-editor.org/rfc/rfc4253#section-11.1
 */
const messageNumber = 1;
/** SSH_DISCONNECT_BY_APPLICATION */
const reason = 11;
/** A packet without encryption is a multiple of this long, and has four bytes of padding at least. */
const block = 8;

/** The bytes of a server that greets and disconnects. */
export function disconnection(text: string): Buffer {
  const payload = Buffer.concat([Buffer.of(messageNumber), number(reason), string(text), string('en')]);
  const unpadded = 4 + 1 + payload.length;
  const padding = block - (unpadded % block) + (unpadded % block > block - 4 ? block : 0);
  const packet = [number(1 + payload.length + padding), Buffer.of(padding), payload, Buffer.alloc(padding)];
  return Buffer.concat([Buffer.from('SSH-2.0-bastion\r\n'), ...packet]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const string = (text: string): Buffer => Buffer.concat([number(Buffer.byteLength(text)), Buffer.from(text)]);
