-- Requests of one trial for wrk. Arguments: a file with one path a line, and the most requests.
local requests = {}
local most = 0
local client

sent = 0 -- of the client's thread: done() reads it

function setup(thread)
    client = thread
end

function init(args)
    math.randomseed(os.time())
    most = tonumber(args[2])
    for path in io.lines(args[1]) do
        requests[#requests + 1] = wrk.format(nil, path)
    end
end

function request()
    sent = sent + 1
    if sent > most then
        wrk.thread:stop()
    end
    return requests[math.random(#requests)]
end

function done(summary, latency, _)
    local errors = summary.errors
    io.write(string.format(
        'tandem {"sent": %d, "requests": %d, "duration_us": %d, "p50_us": %.1f, "p99_us": %.1f, '
            .. '"errors": {"connect": %d, "read": %d, "write": %d, "status": %d, "timeout": %d}}\n',
        client:get("sent"), summary.requests, summary.duration,
        latency:percentile(50), latency:percentile(99),
        errors.connect, errors.read, errors.write, errors.status, errors.timeout
    ))
end
