import { parseArgs } from 'node:util'

type Options = Record<string, { type: 'boolean' | 'string' }>
type Values<O extends Options> = {
  [K in keyof O]: O[K]['type'] extends 'boolean' ? boolean : string | undefined
}

/**
 * The options a script was called with, and what else was named. `--help` prints the help and exits 0; what the script does not know
 * prints it to stderr and exits 2.
 */
export function readArguments<const O extends Options>(
  help: string,
  options: O,
  allowPositionals = true,
): { values: Values<O>; positionals: string[] } {
  try {
    const known = { ...options, help: { type: 'boolean', short: 'h' } } as const
    const { values, positionals } = parseArgs({ args: process.argv.slice(2), options: known, allowPositionals })
    const given = values as Record<string, boolean | string | undefined>
    if (given.help) {
      console.log(help)
      process.exit(0)
    }
    const read = Object.entries(options).map(([name, { type }]) => [
      name,
      type === 'boolean' ? given[name] === true : given[name],
    ])
    return { values: Object.fromEntries(read) as Values<O>, positionals }
  } catch (error) {
    return refuseArguments(help, error instanceof Error ? error.message : String(error))
  }
}

/** Says what is wrong with the way in which a script was called, and ends it. */
export function refuseArguments(help: string, message: string): never {
  console.error(`${message}\n\n${help}`)
  process.exit(2)
}

/** The flags of a script that takes nothing else. */
export function readFlags<const F extends Record<string, { type: 'boolean' }>>(help: string, flags: F): Values<F> {
  return readArguments(help, flags, false).values
}

/** For a script without flags of its own. */
export function answerHelp(help: string): void {
  readFlags(help, {})
}
