import { request } from 'node:http';
import { Failure } from '@cosell/model';
import type { OperationName, Operations } from './operations.ts';
import type { SocketAnswer } from './socket-host.ts';

/** The operations of the server that holds a data folder. Rejects with ENOENT or ECONNREFUSED where none listens. */
export function remoteOperations(path: string): Operations {
  const remote = (name: OperationName) => (input: unknown) => call(path, name, input);
  // What comes back is the answer of the same operation, run by the same version of this program.
  return {
    mintToken: remote('mintToken'),
    rotateKeys: remote('rotateKeys'),
    getReferral: remote('getReferral'),
    setPassword: remote('setPassword'),
    resetSecondFactor: remote('resetSecondFactor'),
    listDirectory: remote('listDirectory'),
    changeDirectory: remote('changeDirectory'),
    addClientSecret: remote('addClientSecret'),
    invite: remote('invite'),
    importReferrals: remote('importReferrals'),
    erasePerson: remote('erasePerson'),
    retainHistory: remote('retainHistory'),
    reindex: remote('reindex'),
    deleteReferral: remote('deleteReferral'),
    listActs: remote('listActs'),
    recordExport: remote('recordExport'),
    vacuum: remote('vacuum'),
    explain: remote('explain'),
  } as Operations;
}

async function call(path: string, name: OperationName, input: unknown): Promise<unknown> {
  const said = JSON.parse(await post(path, `/${name}`, JSON.stringify(input))) as SocketAnswer;
  if ('output' in said) return said.output;
  if ('failure' in said) throw Failure.fromPlain(said.failure);
  throw new Error(`the server could not do it: ${said.bug}`);
}

function post(socketPath: string, url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // A connection of its own for each call: a kept one could be closed by the server just as the next call begins.
    const sending = request({ socketPath, path: url, method: 'POST', agent: false }, async (response) => {
      try {
        let text = '';
        response.setEncoding('utf8');
        for await (const chunk of response) text += String(chunk);
        resolve(text);
      } catch (error) {
        reject(error);
      }
    });
    sending.on('error', reject);
    sending.end(body);
  });
}
