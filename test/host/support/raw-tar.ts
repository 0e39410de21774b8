/** A member as an attacker would write it. */
export interface RawMember {
  readonly name: string;
  readonly type?: 'file' | 'symlink' | 'hardlink' | 'fifo' | 'device' | 'folder';
  readonly link?: string;
  readonly mode?: number;
}

const TYPES = { file: '0', hardlink: '1', symlink: '2', device: '3', folder: '5', fifo: '6' };

/** A ustar archive with whatever members, which no decent tar would make. */
export function rawTar(members: readonly RawMember[]): Buffer {
  const blocks = members.map(({ name, type = 'file', link = '', mode = 0o755 }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${mode.toString(8).padStart(7, '0')}\0`, 100);
    header.write('0000000\0'.repeat(2), 108);
    header.write('00000000000\0'.repeat(2), 124);
    header.write('        ', 148);
    header.write(TYPES[type], 156);
    header.write(link, 157);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return header;
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
