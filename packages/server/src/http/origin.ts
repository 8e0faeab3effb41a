import { boundAddress, type Config, isLoopback, speaksTls } from '../config.ts';

/** The addresses of this server, as decision 3 has them. */
export interface Origins {
  /**
   * The origin to write into links: PUBLIC_URL; else the one that the request came to, if it is ours; else the address
   * that the server listens on. A foreign host is answered and never echoed.
   */
  ofRequest(host: string | undefined, protocol: string): string;
  /** Whether a request that names this host is meant for this server. */
  isOurs(host: string | undefined): boolean;
  /** Every origin that clients may use. */
  readonly all: readonly string[];
}

const hostPattern = /^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/i;
/** Hosts are few; whoever sends many different ones gains nothing. */
const mostHosts = 1_000;

type OriginConfig = Pick<Config, 'host' | 'publicUrl' | 'allowedHosts' | 'tls' | 'tlsCertificate'>;

/** The origins of a server that listens on `port` of `config.host`. */
export function createOrigins(config: OriginConfig, port: number): Origins {
  const bound = boundAddress(config, port);
  const ownScheme = speaksTls(config) ? 'https' : 'http';
  const publicHost = config.publicUrl === undefined ? undefined : new URL(config.publicUrl).host;
  const known = new Map<string, string>();
  const isOurs = (host: string): boolean => {
    // A port may have five digits and be none.
    if (!hostPattern.test(host) || !URL.canParse(`http://${host}`)) return false;
    const name = host.replace(/:\d+$/, '').toLowerCase();
    return isLoopback(name) || config.allowedHosts.includes(host.toLowerCase()) || bound.endsWith(`//${host}`);
  };
  const decide = (host: string, protocol: string): string => {
    // A proxy may pass on whatever its client wrote there, and the origin is spliced into JSON as it is.
    const scheme = protocol === 'https' ? 'https' : 'http';
    return isOurs(host) ? `${scheme}://${host.toLowerCase()}` : bound;
  };
  return {
    all: [
      ...new Set([
        ...(config.publicUrl === undefined ? [] : [config.publicUrl]),
        bound,
        ...['127.0.0.1', 'localhost', '[::1]'].map((name) => `${ownScheme}://${name}:${port}`),
        ...config.allowedHosts.flatMap((host) => [`http://${host}`, `https://${host}`]),
      ]),
    ],
    // Browsers always name one; whoever does not, names no other.
    isOurs: (host) =>
      host === undefined || isOurs(host) || (publicHost !== undefined && host.toLowerCase() === publicHost),
    ofRequest(host, protocol) {
      if (config.publicUrl !== undefined) return config.publicUrl;
      if (host === undefined) return bound;
      const key = `${protocol} ${host}`;
      let origin = known.get(key);
      if (origin === undefined) {
        origin = decide(host, protocol);
        if (known.size < mostHosts) known.set(key, origin);
      }
      return origin;
    },
  };
}
