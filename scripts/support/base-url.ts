/** The port of a local marketplace: PORT, or 8787. Ends the script when PORT is none. */
export function readPort(): number {
  const port = Number(process.env.PORT ?? 8787)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  console.error(`PORT is "${process.env.PORT}", which is not a port number`)
  return process.exit(1)
}

export const baseUrl = (): string => `http://127.0.0.1:${readPort()}`
