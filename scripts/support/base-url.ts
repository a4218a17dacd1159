const standardPort = 8787

/** A port that an environment variable names, or the fallback. Ends the script when the variable is not a port number. */
export function readPort(variable = 'PORT', fallback = standardPort): number {
  const port = Number(process.env[variable] ?? fallback)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  console.error(`${variable} is "${process.env[variable]}", which is not a port number`)
  return process.exit(1)
}

/** How to call a command that takes its port from PORT, at a port. */
export const commandAt = (port: number, command: string): string => (port === standardPort ? command : `PORT=${port} ${command}`)

export const baseUrl = (): string => `http://127.0.0.1:${readPort()}`
