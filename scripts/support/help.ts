import { parseArgs } from 'node:util'

type Flags = Record<string, { type: 'boolean' }>

/**
 * The flags a script was called with. `--help` prints the help and exits 0; a flag or an argument that the script does not
 * know prints it to stderr and exits 2.
 */
export function readFlags<F extends Flags>(help: string, flags: F): { [K in keyof F]: boolean } {
  try {
    const { values } = parseArgs({ args: process.argv.slice(2), options: { ...flags, help: { type: 'boolean', short: 'h' } } })
    const given = values as Record<string, boolean | undefined>
    if (given.help) {
      console.log(help)
      process.exit(0)
    }
    return Object.fromEntries(Object.keys(flags).map((name) => [name, given[name] === true])) as { [K in keyof F]: boolean }
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${help}`)
    process.exit(2)
  }
}

/** For a script without flags of its own. */
export function answerHelp(help: string): void {
  readFlags(help, {})
}
