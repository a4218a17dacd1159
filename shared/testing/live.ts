type Frame = { seq: number; type: string; time: string; data: Record<string, unknown> }
type Waiter = { wants: (frame: Frame) => boolean; found: (frame: Frame) => void }

/**
 * A device on a live session: collects frames, and answers as soon as one comes that is waited for. Works over a WebSocket of the
 * platform, opened by address, and over one taken from an upgrade response (accept it first).
 */
export function liveDevice(socket: WebSocket) {
  const frames: Frame[] = []
  const waiters = new Set<Waiter>()
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }))
  })
  socket.addEventListener('message', ({ data }) => {
    if (typeof data !== 'string' || data === 'pong') return
    const frame = JSON.parse(data) as Frame
    frames.push(frame)
    for (const waiter of waiters) {
      if (!waiter.wants(frame)) continue
      waiters.delete(waiter)
      waiter.found(frame)
    }
  })
  return {
    frames,
    /** How the session ended. */
    closed,
    close: () => socket.close(1000),
    /** The first frame of a type that passes the test, come already or yet to come. */
    frame: (type: string, test: (data: Record<string, unknown>) => boolean = () => true): Promise<Frame> => {
      const wants = (frame: Frame) => frame.type === type && test(frame.data)
      const come = frames.find(wants)
      return come ? Promise.resolve(come) : new Promise((found) => waiters.add({ wants, found }))
    },
    lastSeq: () => Math.max(0, ...frames.map(({ seq }) => seq)),
  }
}
