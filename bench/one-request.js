import { Agent, request } from 'node:http';

/**
 * An answer as it came over the wire.
 *
 * @typedef {object} WireAnswer
 * @property {number} status
 * @property {string[]} rawHeaders names and values in turn
 * @property {Buffer} body
 */

/**
 * Sends one GET, on a connection that could stay open, as the load generator's do.
 *
 * @param {string} url
 * @param {Record<string, string>} [headers]
 * @returns {Promise<WireAnswer>}
 */
export function get(url, headers = {}) {
  const agent = new Agent({ keepAlive: true });
  return new Promise((resolve, reject) => {
    const sending = request(url, { headers, agent }, (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        agent.destroy();
        resolve({ status: response.statusCode ?? 0, rawHeaders: response.rawHeaders, body: Buffer.concat(chunks) });
      });
    });
    sending.on('error', reject);
    sending.end();
  });
}
