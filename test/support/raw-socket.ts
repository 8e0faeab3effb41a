import { connect } from 'node:net';

/** What came back over a bare socket. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** How a socket ended, and what was received until then. */
export interface RawEnd {
  readonly received: string;
  /** Whether it was still open when the time was up. */
  readonly isOpen: boolean;
}

/** Sends bytes as they are and reads until the other side closes, or for `patienceMs`. */
export function sendRaw(port: number, bytes: string | Buffer, patienceMs = 2_000): Promise<RawEnd> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    let isOpen = false;
    const timer = setTimeout(() => {
      isOpen = true;
      socket.destroy();
    }, patienceMs);
    socket.on('data', (chunk) => chunks.push(chunk));
    // A reset is an end like another: what matters is what was received before.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({ received: Buffer.concat(chunks).toString(), isOpen });
    });
    socket.write(bytes);
  });
}

/** The first answer in what a socket received; undefined where there is none. */
export function readRaw(received: string): RawAnswer | undefined {
  const [head = '', ...rest] = received.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3}) \S/.exec(statusLine)?.[1];
  if (status === undefined) return undefined;
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const length = Number(headers['content-length'] ?? Number.NaN);
  const body = Buffer.from(rest.join('\r\n\r\n'));
  return { status: Number(status), headers, text: body.subarray(0, length).toString() };
}
