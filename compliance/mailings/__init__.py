"""Mailings that the mailing tool has sent, and opt-outs that it knows, beside what marks, holds and the suppression
list say of who may be mailed. Nothing is sent from here.
"""
