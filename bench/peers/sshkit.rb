#!/usr/bin/env ruby
# frozen_string_literal: true

# SSHKit, which Capistrano stands on. Usage as ssh-loop.sh; with `joined` as a last word it sends all
# commands at once, else one after the other, as Capistrano does. No output is formatted.
require 'logger'
require 'sshkit'
require 'sshkit/dsl'
include SSHKit::DSL

hosts, config, release, archive, joined = ARGV
SSHKit.config.output_verbosity = Logger::ERROR
SSHKit::Backend::Netssh.configure do |ssh|
  ssh.ssh_options = {
    config: [config], auth_methods: ['publickey'], verify_host_key: :always, non_interactive: true
  }
end

ROOT = '/opt/shop'
FOLDER = "#{ROOT}/releases/#{release}"
UPLOAD = "#{ROOT}/.upload.tgz"
UNPACK = [[:mkdir, '-p', FOLDER], [:tar, 'xzf', UPLOAD, '-C', FOLDER], [:rm, UPLOAD]].freeze
SWITCH = [
  [:ln, '-s', "releases/#{release}", "#{ROOT}/.next"],
  [:mv, '-T', "#{ROOT}/.next", "#{ROOT}/current"],
  [:sudo, '-n', 'systemctl', 'restart', 'shop.service'],
  [:systemctl, 'is-active', '-q', 'shop.service']
].freeze

on File.readlines(hosts, chomp: true), in: :parallel do
  upload! archive, UPLOAD unless archive == '/dev/null'
  commands = archive == '/dev/null' ? SWITCH : UNPACK + SWITCH
  if joined
    execute commands.map { |words| words.join(' ') }.join(' && ')
  else
    commands.each { |words| execute(*words) }
  end
end
