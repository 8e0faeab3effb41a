-- Draws referrals at random. Arguments after "--": the file of ids, the text before and after an id in the path,
-- how many ids are hot (0: none; else nine of ten requests go to the first so many), and the seed.

local ids = {}
local head, tail, hot

function init(args)
  for id in io.lines(args[1]) do ids[#ids + 1] = id end
  local request_text = wrk.format("GET", args[2] .. "{id}" .. args[3])
  local from, to = request_text:find("{id}", 1, true)
  head, tail = request_text:sub(1, from - 1), request_text:sub(to + 1)
  hot = tonumber(args[4])
  math.randomseed(tonumber(args[5]))
end

function request()
  local last = #ids
  if hot > 0 and math.random(10) < 10 then last = hot end
  return head .. ids[math.random(last)] .. tail
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"durationUs":%d,"requests":%d,"bytes":%d,"p50Us":%d,"p99Us":%d,"broken":%d,"refused":%d,"late":%d}\n',
    summary.duration, summary.requests, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write, errors.status, errors.timeout))
end
