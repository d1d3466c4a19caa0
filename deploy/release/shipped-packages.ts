/** Package of others, as package-lock.json records it. */
export interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  /** Names of operating systems, processors and C libraries; undefined: the package works with all. */
  readonly os?: unknown;
  readonly cpu?: unknown;
  readonly libc?: unknown;
}

/** The parts of a package-lock.json that a release depends on. The project itself has the empty path. */
export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** Package with its name and its path below the project, such as node_modules/express. */
export interface ShippedPackage extends LockedPackage {
  readonly name: string;
  readonly path: string;
}

/** Returns the packages that npm installs with the program, in the order of their paths. */
export function installedPackages({ packages }: Lockfile): readonly ShippedPackage[] {
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, locked]) => ({ ...locked, name: path.slice(path.lastIndexOf('node_modules/') + 13), path }));
}

/** Returns the packages in the image: all installed ones, except Node, which the base image contains. */
export function shippedPackages(lock: Lockfile): readonly ShippedPackage[] {
  return installedPackages(lock).filter(({ optional }) => optional !== true);
}
