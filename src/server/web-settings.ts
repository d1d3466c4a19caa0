/**
 * Access to the HTTP server, from the file of `--web.config.file`. Its format is that of the exporter-toolkit
 * of Prometheus (docs/web-configuration.md there).
 */
export interface WebSettings {
  /** undefined: plain HTTP. */
  readonly tls: TlsSettings | undefined;
  /** Headers of every response, by name. */
  readonly headers: Readonly<Record<string, string>>;
  /** bcrypt hashes by user name. Empty: no password is needed. */
  readonly users: ReadonlyMap<string, string>;
  /** undefined: no limit. */
  readonly rateLimit: RateLimit | undefined;
}

/** One token each `intervalMs`, of which `burst` are kept. A request takes one. */
export interface RateLimit {
  readonly intervalMs: number;
  readonly burst: number;
}

/** What is demanded of a client's certificate, in the words of Go's crypto/tls (ClientAuthType). */
export const clientAuthTypes = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;

export type ClientAuthType = (typeof clientAuthTypes)[number];

export interface TlsSettings {
  /** Certificates as PEM, that of the server first. */
  readonly cert: string;
  /** Private key as PEM. */
  readonly key: string;
  /** Certificates as PEM that may sign those of clients; undefined if none is verified. */
  readonly clientCa: string | undefined;
  readonly clientAuth: ClientAuthType;
  /** Alternative names of which a client's certificate must have one; undefined: any. */
  readonly allowedNames: readonly string[] | undefined;
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** Cipher suites of TLS 1.2 in the words of OpenSSL; undefined: those of Node. */
  readonly ciphers: readonly string[] | undefined;
  readonly prefersOwnCiphers: boolean;
  /** Curves in the words of OpenSSL; undefined: those of OpenSSL. */
  readonly curves: readonly string[] | undefined;
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** Current settings, which can change while the server runs. */
export interface WebSettingsSource {
  /** Returns the settings. Checks from time to time, in the background, whether their files have changed. */
  current(): WebSettings;
  /** Calls `changed` whenever there are new settings. Their TLS is on or off as before. */
  onChange(changed: (settings: WebSettings) => void): void;
  /** Returns why changed files are not in use, one line each; empty if the settings are those of the files. */
  problems(): readonly string[];
  /** Calls `reloaded` whenever changed files were loaded. */
  onReload(reloaded: (isSuccessful: boolean) => void): void;
}

/** What the server needs for the settings of a web config. */
export interface WebAccess {
  readonly settings: WebSettingsSource;
  /** Random text that nobody else knows. It protects the remembered passwords in memory. */
  readonly secret: string;
}
