#!/usr/bin/env ruby
# frozen_string_literal: true

# SSHKit, which Capistrano stands on. Usage as ssh-loop.sh. One command a host where Capistrano
# sends one after the other, and no output is formatted: it does the least that it can.
require 'logger'
require 'sshkit'
require 'sshkit/dsl'
include SSHKit::DSL

hosts, config, release, archive = ARGV
SSHKit.config.output_verbosity = Logger::ERROR
SSHKit::Backend::Netssh.configure do |ssh|
  ssh.ssh_options = {
    config: [config], auth_methods: ['publickey'], verify_host_key: :always, non_interactive: true
  }
end

LINK = <<~SH.tr("\n", ' ')
  cd /opt/shop && ln -s releases/#{release} .next && mv -T .next current &&
  sudo -n systemctl restart shop.service && systemctl is-active -q shop.service
SH
FOLDER = "/opt/shop/releases/#{release}"
UNPACK = "mkdir -p #{FOLDER} && tar xzf /opt/shop/.upload.tgz -C #{FOLDER} && rm /opt/shop/.upload.tgz &&"

on File.readlines(hosts, chomp: true), in: :parallel do
  next execute(LINK) if archive == '/dev/null'

  upload! archive, '/opt/shop/.upload.tgz'
  execute "#{UNPACK} #{LINK}"
end
