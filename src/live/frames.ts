const finalText = 0x81;
const mostInShort = 125;
const mostInMedium = 0xffff;

/** Text messages as a server sends them, final and unmasked (RFC 6455, section 5.2), in one piece: the system is asked to write it once. */
export function framesOf(messages: readonly string[]): Buffer {
  const sizes = messages.map((message) => Buffer.byteLength(message));
  const frames = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + headBytes(size) + size, 0));
  let at = 0;
  for (const [i, message] of messages.entries()) {
    at = writeHead(frames, at, sizes[i] ?? 0);
    at += frames.write(message, at);
  }
  return frames;
}

function headBytes(size: number): number {
  if (size <= mostInShort) return 2;
  return size <= mostInMedium ? 4 : 10;
}

function writeHead(frames: Buffer, at: number, size: number): number {
  frames[at] = finalText;
  if (size <= mostInShort) {
    frames[at + 1] = size;
    return at + 2;
  }
  if (size <= mostInMedium) {
    frames[at + 1] = mostInShort + 1;
    return frames.writeUInt16BE(size, at + 2);
  }
  frames[at + 1] = mostInShort + 2;
  return frames.writeBigUInt64BE(BigInt(size), at + 2);
}
