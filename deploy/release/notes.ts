import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Release {
  /** Git tag, such as v0.2.0. */
  readonly tag: string;
  /** Version in package.json. */
  readonly version: string;
  /** Text of CHANGELOG.md. */
  readonly changelog: string;
  /** URL of the directory of CHANGELOG.md, for its relative links. */
  readonly linkBase: string;
}

/**
 * Returns the section of the changelog for the release, one line per entry. Throws if the tag does not fit the
 * version, or if the changelog is not ready.
 */
export function releaseNotes({ tag, version, changelog, linkBase }: Release): string {
  if (tag !== `v${version}`) throw new Error(`tag ${tag}: package.json has version ${version}`);
  const sections = new Map(
    changelog
      .split(/^## /m)
      .slice(1)
      .map((section) => {
        const end = section.indexOf('\n');
        return [section.slice(0, end).trim(), section.slice(end).trim()];
      }),
  );
  if ((sections.get('Unreleased') ?? '') !== '') {
    throw new Error(`CHANGELOG.md: move the entries of "Unreleased" to a section "${version}"`);
  }
  const notes = sections.get(version) ?? '';
  if (notes === '') throw new Error(`CHANGELOG.md: no entries for ${version}`);
  return `${notes.replaceAll(/\n {2}(?=\S)/g, ' ').replaceAll(/\]\((?!\w+:|#)/g, `](${linkBase}`)}\n`;
}

// node deploy/release/notes.ts TAG LINK_BASE: prints the notes, or fails before anything is published.
if (import.meta.main) {
  const root = join(import.meta.dirname, '..', '..');
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  const [tag = '', linkBase = ''] = process.argv.slice(2);
  const { version } = JSON.parse(read('package.json')) as { version: string };
  process.stdout.write(releaseNotes({ tag, version, changelog: read('CHANGELOG.md'), linkBase }));
}
