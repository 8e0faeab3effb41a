import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * One connection that stays open, with one request at a time. It writes and reads HTTP/1.1 itself, because Node's own
 * client would take as much of the processor as the server that is measured.
 */
export class KeepAliveConnection {
  /** @type {import('node:net').Socket} */
  #socket;
  #seen = '';
  /** @type {((answer: { status: number, body: string }) => void) | undefined} */
  #resolve;
  /** @type {((error: Error) => void) | undefined} */
  #reject;

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text) => this.#hear(String(text)));
    socket.on('error', (error) => this.#reject?.(error));
    socket.on('close', () => this.#reject?.(new Error('the server has closed the connection')));
  }

  /** @param {string} origin */
  static async open(origin) {
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new KeepAliveConnection(socket);
  }

  /**
   * Sends a request, complete with its head, and gives the answer. The body of the answer is Latin-1 text.
   *
   * @param {string} request in ASCII
   * @returns {Promise<{ status: number, body: string }>}
   */
  ask(request) {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#socket.write(request, 'latin1');
    });
  }

  close() {
    this.#reject = undefined;
    this.#socket.destroy();
  }

  /** @param {string} text */
  #hear(text) {
    this.#seen += text;
    const end = this.#seen.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#seen.slice(0, end);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#seen.length < end + 4 + length) return;
    const body = this.#seen.slice(end + 4, end + 4 + length);
    this.#seen = '';
    this.#resolve?.({ status: Number(head.slice(9, 12)), body });
  }
}
