import { posix, win32 } from 'node:path';

import { fail } from '../../contract/errors.ts';
import type { Files, Logger } from '../../platform/ports.ts';
import { systemErrorCode } from '../../platform/system-error.ts';
import { matchesPatternList } from '../host-pattern.ts';
import type { SshConfig } from '../ssh-config.ts';
import type { SshTarget } from '../ssh-target.ts';
import { APPLIES, hostBlock, matchBlock, within, type Block } from './config-blocks.ts';
import { parseLine, type ConfigLine } from './config-line.ts';
import { EffectiveOptions } from './effective-options.ts';
import { includedFiles, type IncludeDeps, type Scope } from './include-paths.ts';
import { OTHER_KEYWORDS } from './other-keywords.ts';

export interface ConfigFilesDeps {
  readonly files: Pick<Files, 'read' | 'list'>;
  readonly log: Logger;
  readonly machine: IncludeDeps['machine'] & { readonly userName: string };
}

/** Of the include of an include: the limit of OpenSSH. */
const MAX_DEPTH = 16;

interface Place {
  readonly scope: Scope;
  readonly depth: number;
  /** What the file stands in. */
  readonly outer: Block;
}

/**
 * What `ssh -G` would say of the options that a line to a gateway uses, where there is no `ssh` to ask. Nothing of the
 * configuration is run.
 * @param chosen in the place of the user's file and of the system's
 * @throws AppError `ssh/config-unreadable`
 * @see ssh_config(5)
 */
export async function readConfigFiles(
  target: SshTarget,
  chosen: string | undefined,
  deps: ConfigFilesDeps,
): Promise<SshConfig> {
  const reading = new Reading(target, deps);
  const readAll = async () => {
    for (const { file, ...scope } of startingFiles(chosen, deps.machine)) {
      await reading.read(file, { scope, depth: 0, outer: APPLIES });
    }
  };
  await readAll();
  if (reading.asksFinal) {
    reading.options.beginFinal();
    await readAll();
  }
  return reading.options.toConfig();
}

function startingFiles(
  chosen: string | undefined,
  { homeDir, platform, env }: ConfigFilesDeps['machine'],
): readonly (Scope & { readonly file: string })[] {
  const paths = platform === 'win32' ? win32 : posix;
  const user = { folder: paths.join(homeDir, '.ssh'), isUser: true };
  if (chosen !== undefined) return [{ ...user, file: chosen }];
  const folder = platform === 'win32' ? win32.join(env?.['ProgramData'] ?? 'C:\\ProgramData', 'ssh') : '/etc/ssh';
  return [
    { ...user, file: paths.join(user.folder, 'config') },
    { folder, isUser: false, file: paths.join(folder, 'ssh_config') },
  ];
}

class Reading {
  readonly options: EffectiveOptions;
  /** `Match final` stands somewhere, so that all is read a second time. */
  asksFinal = false;
  readonly #deps: ConfigFilesDeps;

  constructor(target: SshTarget, deps: ConfigFilesDeps) {
    this.options = new EffectiveOptions(target, deps.machine.userName);
    this.#deps = deps;
  }

  async read(file: string, place: Place): Promise<void> {
    if (place.depth > MAX_DEPTH) {
      throw fail('ssh/config-unreadable', {
        file,
        problem: `it is included ${MAX_DEPTH} files deep, perhaps by itself`,
      });
    }
    const text = await readText(file, this.#deps.files);
    let { outer: block } = place;
    for (const [index, each] of text.split('\n').entries()) {
      const line = parseLine(each, { file, number: index + 1 });
      if (line !== undefined) block = await this.#take(line, block, place);
    }
  }

  /** @returns what the next line stands in */
  async #take(line: ConfigLine, block: Block, place: Place): Promise<Block> {
    switch (line.keyword) {
      case 'host':
        return within(place.outer, hostBlock(line, this.options.soFar()));
      case 'match':
        return within(place.outer, this.#match(line));
      case 'include':
        for (const file of await includedFiles(line, place.scope, this.#deps)) {
          await this.read(file, { ...place, depth: place.depth + 1, outer: block });
        }
        return block;
      default:
        if (!this.options.take(line, block)) this.#passOver(line);
        return block;
    }
  }

  #match(line: ConfigLine): Block {
    const { block, asksFinal } = matchBlock(line, this.options.soFar());
    this.asksFinal ||= asksFinal;
    return block;
  }

  /** `ssh` would refuse the file for an unknown word; one line of a newer `ssh` should not cost the others. */
  #passOver({ file, number, keyword }: ConfigLine): void {
    const ignored = this.options.first('ignoreunknown')?.toLowerCase() ?? '';
    const isSaid = this.options.soFar().isFinal;
    if (isSaid || OTHER_KEYWORDS.has(keyword) || matchesPatternList(ignored, keyword)) return;
    this.#deps.log.warn('an unknown option of the SSH configuration was passed over', { file, line: number, keyword });
  }
}

/** Empty for a file that does not exist, and for a folder, which a pattern of `Include` may match. */
async function readText(file: string, files: Pick<Files, 'read'>): Promise<string> {
  try {
    const text = (await files.read(file)) ?? '';
    // Editors of Windows put it there.
    return text.replace(/^\uFEFF/, '');
  } catch (error) {
    if (systemErrorCode(error) === 'EISDIR') return '';
    throw fail('ssh/config-unreadable', { file, problem: 'it may not be read' }, error);
  }
}
