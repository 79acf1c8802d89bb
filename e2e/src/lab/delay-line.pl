#!/usr/bin/perl
# A link between two network namespaces on which every packet takes DELAY_MS one way: two TUN devices of this process,
# each to be moved into a namespace. Perl, because it is part of every Debian and can make such a device, which Node
# cannot; kernels of containers often lack netem. Usage: delay-line.pl DEVICE_A DEVICE_B DELAY_MS; ends with its stdin.
use strict;
use warnings;
use Time::HiRes qw(time);

use constant TUNSETIFF => 0x400454ca;
use constant IFF_TUN_NO_PI => 0x1001;
# A buffer of a router; beyond it packets are lost.
use constant MAX_QUEUED => 8192;

my ($device_a, $device_b, $delay_ms) = @ARGV;

sub open_tun {
  my ($name) = @_;
  open(my $tun, '+<', '/dev/net/tun') or die "/dev/net/tun: $!\n";
  my $request = pack('Z16 s x22', $name, IFF_TUN_NO_PI);
  ioctl($tun, TUNSETIFF, $request) or die "cannot make $name: $!\n";
  return $tun;
}

my @ends = (open_tun($device_a), open_tun($device_b));
my @queue;
$| = 1;
print "ready\n";

for (;;) {
  my $readable = '';
  vec($readable, fileno(STDIN), 1) = 1;
  vec($readable, fileno($_), 1) = 1 for @ends;
  my $wait = @queue ? $queue[0][0] - time() : undef;
  $wait = 0 if defined $wait && $wait < 0;
  my $found = select($readable, undef, undef, $wait);
  if ($found > 0) {
    last if vec($readable, fileno(STDIN), 1) && !sysread(STDIN, my $ignored, 1);
    for my $from (0, 1) {
      next unless vec($readable, fileno($ends[$from]), 1);
      my $packet;
      next unless sysread($ends[$from], $packet, 65_536);
      push @queue, [time() + $delay_ms / 1000, 1 - $from, $packet] if @queue < MAX_QUEUED;
    }
  }
  while (@queue && $queue[0][0] <= time()) {
    my (undef, $to, $packet) = @{ shift @queue };
    syswrite($ends[$to], $packet);
  }
}
