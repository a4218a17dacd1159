/** What the scripts use of Bun's own module, which brings no types. */
declare module 'bun' {
  export class RedisClient {
    constructor(
      url: string,
      options: { autoReconnect: boolean; enableOfflineQueue: boolean; connectionTimeout: number; idleTimeout: number },
    )
    connect(): Promise<void>
    /** Replies as JSON has them; in the reply of EXEC a command's error is an Error. */
    send(command: string, args: (string | Uint8Array)[]): Promise<unknown>
    getBuffer(key: string | Uint8Array): Promise<Uint8Array | null>
    close(): void
    onclose: ((error: Error) => void) | null
  }

  export function serve(options: {
    hostname: string
    port: number
    maxRequestBodySize: number
    fetch(request: Request): Promise<Response>
  }): { port: number; stop(closeActive: boolean): Promise<void> }
}
