-- Takes one search, every time, and notes whether its visitor is new to the query.
--
-- KEYS[1]  who was seen on this day: one of a fixed number of sets
-- KEYS[2]  the stream
-- KEYS[3]  which queries were asked on this day
-- KEYS[4]  how many searches, and how many new queries, came from each network on this day
-- ARGV[1]  visitor and query, a 64-bit integer
-- ARGV[2]  how long the day is remembered, in seconds
-- ARGV[3]  how many events may wait
-- ARGV[4]  network and query, a 64-bit integer
-- ARGV[5]  how many queries that nobody has asked yet are kept of one network; 0: all
-- ARGV[6]  the network, a 64-bit integer; empty: not known, and without a share
-- ARGV[7]  how many searches are looked at of one network; 0: all
-- ARGV[8]  how many queries are kept of all; 0: all
-- ARGV[9]  the query, a 64-bit integer; empty: its text is not kept anyway
-- ARGV[10] the field that says '1' of a new visitor
-- ARGV[11] the field that says '1' of a new network
-- ARGV[12] the field of the query, and then the query
-- ARGV[14] the field of its spelling, and then the spelling
-- ARGV[16+] the other fields
-- Answers  'new', 'capped' or 'full'
local call = redis.call
local function remember(key)
  if call('TTL', key) < 0 then call('EXPIRE', key, ARGV[2]) end
end
if call('XLEN', KEYS[2]) >= tonumber(ARGV[3]) then return 'full' end
local network = ARGV[6]
local function share(of, most)
  if network == '' or most == 0 then return true end
  local name = of .. network
  if tonumber(call('HGET', KEYS[4], name) or 0) >= most then return false end
  call('HINCRBY', KEYS[4], name, 1)
  remember(KEYS[4])
  return true
end
if not share('s', tonumber(ARGV[7])) then return 'capped' end
local query, spelling = ARGV[13], ARGV[15]
local most = tonumber(ARGV[8])
if ARGV[9] ~= '' and call('SISMEMBER', KEYS[3], ARGV[9]) == 0 then
  if (most > 0 and call('SCARD', KEYS[3]) >= most) or not share('q', tonumber(ARGV[5])) then
    query, spelling = '', '' -- it is counted as a search whose text is not kept
  else
    call('SADD', KEYS[3], ARGV[9])
    remember(KEYS[3])
  end
end
local new, near = call('SADD', KEYS[1], ARGV[1]), 0
if network ~= '' then near = call('SADD', KEYS[1], ARGV[4]) end
call('XADD', KEYS[2], '*', ARGV[10], new, ARGV[11], near, ARGV[12], query, ARGV[14], spelling, unpack(ARGV, 16))
remember(KEYS[1])
return 'new'
